<?php
// Vouches for the customer whom cPanel runs this page as.
require_once __DIR__ . '/deckhand.php';
deckhand_answer(require __DIR__ . '/config.php');
