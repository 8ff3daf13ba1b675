"""JMAP, the API of the mail application and of anybody's client: RFC 8620 and RFC 8621 over the store."""
