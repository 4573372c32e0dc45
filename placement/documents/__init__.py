"""Official letters as accessible PDF files: pure data in, bytes out; no database, no request, no clock."""
