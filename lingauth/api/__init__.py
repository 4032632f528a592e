"""The auth API: parse, call one service, render."""
