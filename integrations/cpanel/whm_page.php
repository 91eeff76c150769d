<?php
// The page of the assistant in WHM, for root: WHM runs it as root whoever signed in, so that resellers are turned away here.
if (($_SERVER['REMOTE_USER'] ?? '') !== 'root') {
    http_response_code(403);
    exit('This page is for root.');
}
require_once __DIR__ . '/deckhand.php';
$config = require __DIR__ . '/config.php';
header('Content-Type: text/html; charset=utf-8');
?>
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Assistant</title></head>
<body>
<h1>Assistant</h1>
<p>The assistant looks after this server: open it by the button in the corner.</p>
<?php echo deckhand_widget($config, 'assertion.php'); ?>
</body></html>
