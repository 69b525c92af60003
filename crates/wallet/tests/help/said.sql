INSERT INTO evidence (key, sha256, status, media_type, fetched, origin, seal, bytes) VALUES
    ('https://school.example/list', x'84bf0e723eae69afd212ba3ab25cb865d5323c562ef0b90b01e57606c7d39ca6', 200, 'application/json', 1764000000000000, 'fetched',
     x'16e523428104643211df6aaf0e6e4fc66c50ff3582e1b144e861803560386bc5', x'7b226964223a2268747470733a2f2f7363686f6f6c2e6578616d706c652f6c697374227d');
INSERT INTO numbered (key, number, seal) VALUES
    ('https://school.example/list', 7, x'2e8c6117efd004fdbb43c765dc015fb053f3ddbbac70f87ee44027a08d58335c');
