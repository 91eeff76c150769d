<?php
// Vouches for root, who alone may ask.
if (($_SERVER['REMOTE_USER'] ?? '') !== 'root') {
    http_response_code(403);
    exit;
}
require_once __DIR__ . '/deckhand.php';
deckhand_answer(require __DIR__ . '/config.php');
