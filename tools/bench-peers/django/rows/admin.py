"""How the admin lists them."""

from django.contrib import admin

from .models import CELLS, Connection, Item


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):
    list_display = CELLS
    list_per_page = 50


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    list_display = ["key", "name"]
    list_per_page = 1000
