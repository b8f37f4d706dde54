"""A connection with the texts of its cells, and an item of the table of a thousand rows."""

from django.db import models

CELLS = [f"cell_{at}" for at in range(7)]


class Connection(models.Model):
    class Meta:
        ordering = ["id"]


for name in CELLS:
    Connection.add_to_class(name, models.TextField())


class Item(models.Model):
    key = models.TextField()
    name = models.TextField()

    class Meta:
        ordering = ["id"]
