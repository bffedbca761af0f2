"""How an article's page is read by rules, whatever site it is of: fields, pictures, paragraphs.

A site says which rules there are, and what stands next to its stories (`page.Furniture`). Eras in Python and site files
read with this.
"""
