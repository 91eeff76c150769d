<?php
// Loaded by CWP's loader_ajax.php for administrators who signed in to the panel; never by itself.
if (basename($_SERVER['SCRIPT_FILENAME'] ?? '') === basename(__FILE__)) {
    http_response_code(404);
    exit;
}
require_once __DIR__ . '/../../include/deckhand/deckhand.php';
deckhand_answer(require __DIR__ . '/../../include/deckhand/config.php');
