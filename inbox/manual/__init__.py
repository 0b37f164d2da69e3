"""Contact that no source brings: telephone, shop, letter, chat. Entered by an agent, stored as every other mention.

The way in is `inbox.manual.door.Manual`.
"""
