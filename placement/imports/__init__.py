"""Importing units and children from CSV and XLSX: file, then columns, then rows; refused whole or written once."""
