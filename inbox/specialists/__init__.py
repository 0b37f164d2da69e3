"""Questions to specialists without a seat: one link, one page with the thread, one answer.

`door.SpecialistDoor` is the way in. `asking` is what agents do, `answering` what the link's holder may do.
"""
