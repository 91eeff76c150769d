<?php
// Asks Deckhand on this machine to vouch for the user that this page runs as. There is no key in it: the kernel tells the
// server who opened the socket. Include it in a page that knows already who is looking at it.

/** The origin that the browser shows, such as https://panel.example.com:2083. */
function deckhand_origin(): string
{
    $https = $_SERVER['HTTPS'] ?? '';
    $scheme = ($https !== '' && strtolower($https) !== 'off') || ($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https'
        ? 'https' : 'http';
    $host = strtolower($_SERVER['HTTP_HOST'] ?? '');
    $port = $scheme === 'https' ? ':443' : ':80';
    if (str_ends_with_deckhand($host, $port)) {
        $host = substr($host, 0, -strlen($port));
    }
    return $scheme . '://' . $host;
}

/** Panels carry older versions of PHP. */
function str_ends_with_deckhand(string $text, string $end): bool
{
    return substr($text, -strlen($end)) === $end;
}

/** The status and the body of the server's answer; status 0 when it cannot be asked. */
function deckhand_assertion(array $config): array
{
    $socket = @stream_socket_client('unix://' . $config['socket'], $number, $problem, 3);
    if ($socket === false) {
        return [0, ''];
    }
    stream_set_timeout($socket, 5);
    $body = json_encode(['audience' => deckhand_origin()]);
    fwrite($socket, "POST /v1/panel/assertion HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        . "Content-Type: application/json\r\nContent-Length: " . strlen($body) . "\r\n\r\n" . $body);
    $answer = stream_get_contents($socket, 16384);
    fclose($socket);
    $parts = explode("\r\n\r\n", (string) $answer, 2);
    if (count($parts) !== 2 || preg_match('#^HTTP/1\.1 ([0-9]{3}) #', $parts[0], $found) !== 1) {
        return [0, ''];
    }
    return [(int) $found[1], $parts[1]];
}

/** Answers a request of the widget. */
function deckhand_answer(array $config): void
{
    header('Cache-Control: no-store');
    header('X-Content-Type-Options: nosniff');
    if (($_SERVER['REQUEST_METHOD'] ?? '') !== 'POST') {
        http_response_code(405);
        header('Allow: POST');
        return;
    }
    // A page of another site may not even cause one to be made.
    $origin = strtolower($_SERVER['HTTP_ORIGIN'] ?? '');
    if ($origin !== '' && $origin !== deckhand_origin()) {
        http_response_code(403);
        return;
    }
    [$status, $body] = deckhand_assertion($config);
    if ($status === 0) {
        $status = 503;
        $body = json_encode([
            'detail' => 'The assistant is not running on this machine.',
            'hint' => 'Ask the administrator of this server.',
        ]);
    }
    http_response_code($status);
    header('Content-Type: application/json');
    echo $body;
}

/** The tags of the widget; `assertion` is the address of a page that calls deckhand_answer(). */
function deckhand_widget(array $config, string $assertion): string
{
    $quote = static function (string $text): string {
        return htmlspecialchars($text, ENT_QUOTES, 'UTF-8');
    };
    $server = $quote($config['server']);
    return "<script src=\"{$server}/widget.js\" async></script>"
        . "<deckhand-assistant server=\"{$server}\" assertion=\"{$quote($assertion)}\"></deckhand-assistant>\n";
}
