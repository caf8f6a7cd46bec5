"""How the shipped model is made: `python -m amity.listening.training --data PATH`.

Needs scipy, Babel and vaderSentiment, which the product itself does not use at run time.
"""
