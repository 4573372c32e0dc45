"""The placement coordinator: the host that wires children, units, agreements, decisions and the web."""

__version__ = "0.1.0"
