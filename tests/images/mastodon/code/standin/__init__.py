"""A stand-in for Mastodon in containers: same commands, environment, schema habits and failures as were
measured on the real one, and nothing of a social network. For the tests of matriarch only."""
