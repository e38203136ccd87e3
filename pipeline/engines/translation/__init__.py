"""Text to text: CTranslate2 models and OpenAI-compatible servers."""
