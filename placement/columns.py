"""Column types that every table uses; they live with the library's tables, which know no host."""

from agreements.columns import Instant, enum_type

__all__ = ["Instant", "enum_type"]
