"""The RFCs as pure functions: bytes in, values out."""
