"""What goes over the wire of our JMAP, as types: the browser's TypeScript is generated from them (`manage.py jmaptypes`).

An object has all properties it can have, as if all had been asked for; a client that asked for some has those.
"""
