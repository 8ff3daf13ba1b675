"""Where does it go? Acceptance, signing, routing, delivery and bounces."""
