"""A million invented people with what they said and bought, and what somebody types to find one of them."""
