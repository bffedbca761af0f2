"""Sites that are declared in a file: TOML in, a `Site` out. The keys are those of docs/sites.md.

`patterns` and `selectors` are the two small languages of a site file, `sitefile` checks one and names what is wrong,
`listings` and `articles` read answers by it, `site` is the whole.
"""
