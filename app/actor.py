"""Who acts: a person in the posts held today, or the program itself; and by which power."""

from dataclasses import dataclass, field, replace

from app.vocabulary import PostKind, Power, Via


@dataclass(frozen=True)
class HeldPost:
    """A post held today (chức danh đang giữ)."""

    post_id: int
    kind: PostKind
    title: str
    unit_id: int
    unit_name: str
    unit_path: tuple[int, ...] = ()
    """Ids of the unit and all units above it, itself first."""
    ours: bool = True


@dataclass(frozen=True)
class Principal:
    """The person for whom somebody else acts, with the posts that lend the power (212/17.2)."""

    person_id: int
    name: str
    posts: tuple[HeldPost, ...]
    permissions: frozenset[str]
    delegation_id: int
    moves: frozenset[str] | None = None
    """Names of the moves that the delegation covers; ``None`` covers all of its kind."""
    type_ids: frozenset[int] | None = None
    """Ids of the kinds of document that the delegation covers; ``None`` covers all."""
    one_unit: bool = False
    """Whether the delegation covers one unit only: then ``posts`` are those in it, and work elsewhere is not lent."""


@dataclass(frozen=True)
class Actor:
    """First argument of every operation. ``permissions`` hold ``"<verb> <noun>"`` as roles grant them."""

    user_id: int | None
    person_id: int | None
    name: str
    posts: tuple[HeldPost, ...] = ()
    permissions: frozenset[str] = frozenset()
    power: Power = Power.OWN_POST
    on_behalf_of: Principal | None = None
    via: Via = Via.WEB
    request_id: str = ""
    is_system: bool = field(default=False)

    @classmethod
    def system(cls, name: str, via: Via = Via.JOB) -> "Actor":
        """The program itself, under the name of the job or command that acts."""
        return cls(None, None, f"system:{name}", power=Power.SYSTEM, via=via, is_system=True)

    @property
    def effective_posts(self) -> tuple[HeldPost, ...]:
        """The posts whose power is used: those of the person acted for, else the own ones."""
        return self.on_behalf_of.posts if self.on_behalf_of else self.posts

    @property
    def effective_permissions(self) -> frozenset[str]:
        """What the power in use allows (button level)."""
        return self.on_behalf_of.permissions if self.on_behalf_of else self.permissions

    @property
    def effective_person_id(self) -> int | None:
        """Whose work it is: the person acted for, else the own person; ``None`` for the program itself."""
        return self.on_behalf_of.person_id if self.on_behalf_of else self.person_id

    @property
    def main_post(self) -> HeldPost | None:
        """The own post shown beside the name."""
        return self.posts[0] if self.posts else None

    def acting_for(self, principal: Principal, power: Power) -> "Actor":
        """The same person, acting for another by a delegation."""
        return replace(self, on_behalf_of=principal, power=power)
