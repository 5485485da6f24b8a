"""The demo: a small panel of local models on words that ten people rated each."""
