"""Tables only, as in models.py: files that are written for people in the background, and their content."""

from peewee import (
    BigAutoField,
    BigIntegerField,
    BlobField,
    CharField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from database import UTCDateTimeField, index_where, one_of
from models import BaseModel, Reseller, User


class ExportFile(BaseModel):
    """A list that somebody wants as a file, kept for two days: the screen, and its address as it stood.

    reseller is that of its owner then. A job that writes it holds the lease, whose end is real time and moves on with
    the rows written; attempts counts how often one began. size is in bytes, of a file that is written.
    """

    id = BigAutoField()
    owner = ForeignKeyField(User, backref="exports", on_delete="RESTRICT")
    reseller = ForeignKeyField(Reseller, null=True, on_delete="RESTRICT")
    screen = CharField(max_length=40)
    query = TextField(default="")
    file_name = CharField(max_length=120)
    state = CharField(max_length=10, default="waiting")
    rows = IntegerField(null=True)
    written = IntegerField(default=0)
    size = BigIntegerField(default=0)
    attempts = IntegerField(default=0)
    lease = CharField(max_length=36, null=True)
    lease_until = UTCDateTimeField(null=True)
    problem = TextField(default="")
    created_at = UTCDateTimeField(index=True)

    class Meta:
        constraints = [one_of("state", ("waiting", "written", "failed"))]


index_where(ExportFile.id, name="export_file_waiting", where="state = 'waiting'")


class ExportPart(BaseModel):
    """A piece of a written file, so that nobody ever holds the whole of it; number begins at 0."""

    id = BigAutoField()
    export = ForeignKeyField(ExportFile, backref="parts", on_delete="CASCADE", index=False)
    number = IntegerField()
    content = BlobField()

    class Meta:
        indexes = ((("export", "number"), True),)
