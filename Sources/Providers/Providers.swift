// The adapters of the model providers.
