<?php
// deckhand-panel: shows the admin page of CWP, which lies in index2.php, with the assistant in it. `deckhand panel uninstall`
// puts the original back.
ob_start(static function (string $page): string {
    $end = strripos($page, '</body>');
    if ($end === false) {
        return $page;
    }
    foreach (headers_list() as $line) {
        if (stripos($line, 'content-type:') === 0 && stripos($line, 'text/html') === false) {
            return $page;
        }
    }
    $library = '{{RESOURCES}}/include/deckhand/deckhand.php';
    $config = '{{RESOURCES}}/include/deckhand/config.php';
    if (!is_file($library) || !is_file($config)) {
        return $page;
    }
    try {
        require_once $library;
        $widget = deckhand_widget(require $config, 'loader_ajax.php?ajax=deckhand');
    } catch (\Throwable $problem) {
        return $page;
    }
    if (!headers_sent()) {
        header_remove('Content-Length');
    }
    return substr($page, 0, $end) . $widget . substr($page, $end);
});
require __DIR__ . '/index2.php';
