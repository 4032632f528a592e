"""The data API: registered models behind the gate, in PostgREST's dialect."""
