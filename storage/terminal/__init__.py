"""How things are put: lines, bars, times, numbers, cells, and files that are whole or not there."""
