"""Agreements between county, municipality, state and provider: a library with tables.

It takes a Session and values; it knows no web page, no solver and nothing of its host.
"""
