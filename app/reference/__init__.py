"""Start data of a new installation: plain rows without tables, written once by the loader.

Every row has a stable key, so that loading twice changes nothing; from then on the rows belong to the
Office, which edits them on screen.
"""
