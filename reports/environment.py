"""Where do mail templates come from, and what may they do?

This is the product's only Jinja2 environment. Templates are files of the package; a text typed by a user is
data and is never compiled, so `{{ 7*7 }}` in an owner's name is printed as it stands.
"""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


@cache
def environment() -> Environment:
    """Return the environment: HTML is escaped, a misspelled name is an error, templates are the package's.

    Only the plain-text templates (`*.txt.j2`) are not escaped: a reader would see ``&amp;`` there.
    """
    return Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=select_autoescape(
            enabled_extensions=("html.j2", "html"),
            disabled_extensions=("txt.j2",),
            default=True,
            default_for_string=True,
        ),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(template_name: str, values: dict[str, object]) -> str:
    """Fill one template of the package.

    Args:
        template_name: File name under `reports/templates`.
        values: Every name the template uses.

    Raises:
        jinja2.UndefinedError: The template uses a name that was not given.
    """
    return environment().get_template(template_name).render(values)
