extension ConfigurationReference {
    /// The part of the reference page about the sections `hosts` and `roles`.
    static let hosts = [
        "", "## `hosts`", "",
        "The business applications whose users this server serves, by names of your own; see [ai-layer.md](ai-layer.md). As soon as "
            + "there is one, `DECKHAND_SHELL` is `off` unless it is given. What stands here beside `issuer`, `audience` and `keys` are "
            + "the defaults. Secrets never stand in the file; public keys may.",
        "", "```json5", "{", "    hosts: {", "        shop: {",
        "            issuer: \"https://app.example.com\", // the `iss` of its tokens",
        "            audience: \"deckhand\", // their `aud`",
        "            keys: [ // the `kid` of a token chooses the key, and the key its only algorithm",
        "                { id: \"2026-01\", algorithm: \"EdDSA\", publicKeyFile: \"/etc/deckhand/shop.pem\" }, // or RS256",
        "                { id: \"2025-07\", algorithm: \"HS256\", key: { env: \"SHOP_KEY\" } }, // or { file: \"…\" }; 32 bytes or more",
        "            ],", "            leeway: \"30s\", // between the clocks of both servers",
        "            tokenLifetime: \"5m\", // the longest that a token may be valid",
        "            sessionLifetime: \"12h\",",
        "            callKey: { env: \"SHOP_CALL_KEY\" }, // signs what is sent to its actions and sources; none by default",
        "            newClients: { ai: false }, // whether clients that are new here have AI",
        "            // In a minute; beyond them requests are answered 429.",
        "            limits: { requestsOfUser: 600, turnsOfUser: 20, turnsOfBrand: 200, turnsOfClient: 600, turnsOfAddress: 240 },",
        "        },", "    },", "}", "```", "", "## `roles`", "",
        "What the role in a token gives: permissions of this server (`chat`, `ai.account`, `ai.action`, `ai.artifact`, `ai.wallet`; no "
            + "other can be given to users), and grants that only the application knows, which its actions and sources ask for. A role "
            + "that stands here replaces the one of the same name; a role that is nowhere gives nothing. The defaults:",
        "", "```json5", "{", "    roles: {",
        "        brand_superadmin: { permissions: [\"chat\", \"ai.account\", \"ai.action\", \"ai.artifact\", \"ai.wallet\"], grants: [] },",
        "        brand_admin: { permissions: [\"chat\", \"ai.account\", \"ai.action\", \"ai.artifact\", \"ai.wallet\"], grants: [] },",
        "        store: {}, workshop: {}, accounts: {}, customer_care: {}, field: {}, // only what is granted to a user by name",
        "    },", "}", "```",
        "", "## `actions`", "",
        "What the assistant may propose to do in an application of `hosts`, by names of your own; see "
            + "[ai-layer.md](ai-layer.md). What stands here beside `host`, `description`, `parameters` and `endpoint` are the defaults, "
            + "but for `permission`, which is a grant or `ai.action`, and `title`, which is the name.",
        "", "```json5", "{", "    actions: {", "        create_job: {",
        "            host: \"shop\", title: \"Create a service job\", description: \"Makes a job for a customer.\",",
        "            parameters: { type: \"object\", properties: { customer: { type: \"string\", maxLength: 200 } }, required: [\"customer\"] },",
        "            permission: \"jobs.create\",",
        "            needs: \"client\", // or brand, location: what the chat must lie at",
        "            changes: true,",
        "            confirmation: \"always\", // or untrusted: when the chat holds the application's texts; never: changes nothing",
        "            price: 0, // minor units of the section prices, once it succeeded",
        "            endpoint: \"https://app.example.com/ai/jobs\", // http on this machine only",
        "            timeout: \"30s\",",
        "            dryRun: false, // the application is asked first what it would do",
        "            idempotent: true, // false: it may do what has one Idempotency-Key twice, and is not asked again in doubt",
        "        },", "    },", "}", "```", "", "## `context`", "",
        "What an application of `hosts` tells the model, by names of your own. What stands here beside `host`, `description` and "
            + "`endpoint` are the defaults, but for `permission`.", "", "```json5", "{", "    context: {",
        "        jobs: {",
        "            host: \"shop\", description: \"The jobs of the coming days.\", endpoint: \"https://app.example.com/ai/context/jobs\",",
        "            required: false, // true: read before the model is called, else when it asks",
        "            cache: \"30s\", maximumBytes: 16384, timeout: \"10s\", needs: \"client\", permission: \"jobs.read\",",
        "        },", "    },", "}", "```",
    ]
}
