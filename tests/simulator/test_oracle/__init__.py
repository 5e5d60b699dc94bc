"""The oracle against the definitions page, one test per sentence, on records small enough to add up
in the head."""
