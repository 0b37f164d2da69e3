"""Single sign-on (OpenID Connect): whoever the organisation's identity provider vouches for gets a session of ours.

`door.SingleSignOnDoor` is the way in. `provider` talks with the provider and checks what it signs, `claims` reads who
that is and decides what to do with them (pure), `enter` does it.
"""
