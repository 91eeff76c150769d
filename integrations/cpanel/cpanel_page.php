<?php
// The page of the assistant in cPanel. The panel runs it as the customer who signed in.
require_once __DIR__ . '/deckhand.php';
$config = require __DIR__ . '/config.php';
$library = __DIR__ . '/../../../../php/cpanel.php';
$cpanel = null;
if (is_file($library)) {
    require_once $library;
    $cpanel = new CPANEL();
}
header('Content-Type: text/html; charset=utf-8');
echo $cpanel ? $cpanel->header('Assistant') : "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Assistant</title></head><body>\n";
?>
<p>The assistant helps with this account: open it by the button in the corner.</p>
<?php
echo deckhand_widget($config, 'assertion.php');
echo $cpanel ? $cpanel->footer() : "</body></html>\n";
if ($cpanel) {
    $cpanel->end();
}
