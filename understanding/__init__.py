"""Understanding: everything Klankbord knows about text. Pure functions; imports no other package of the house."""
