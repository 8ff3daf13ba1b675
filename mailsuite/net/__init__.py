"""The world outside: DNS, TLS and HTTP."""
