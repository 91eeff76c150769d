print("deckhand")
