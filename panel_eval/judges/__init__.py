"""LLM judges: prompts, elicitation (ask and parse), and the transports that carry a request to a model."""
