"""Accounts at two backends, walked at random for a very long time, beside a model that says what
has to come of each step: see ``__main__``.

| where | what |
|---|---|
| ``model.py`` | what is true of an account and its devices; no line of the product |
| ``acts/`` | what can be done: what is sent, and what the model says must come of it |
| ``choice.py`` | which act is next |
| ``wire.py``, ``crew.py`` | calling the application, by one thread or by several at once |
| ``judge.py`` | is there an order of the acts that explains all answers and all rows? |
| ``rows.py`` | the database, asked without the product |
| ``world.py``, ``trespass.py`` | who is there; what of one backend is tried at the other |
| ``together.py`` | what is done at the same moment |
| ``story.py`` | some hundreds of steps in a world of their own |
| ``worker.py``, ``__main__.py`` | processes that play stories, and the run |
"""
