"""Strangers' HTML made safe to look at: sanitised here, shown in a frame without scripts, under a policy of its own."""
