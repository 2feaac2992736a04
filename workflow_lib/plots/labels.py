"""Names beside points, placed so that they do not run into each other."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike

from workflow_lib.plots import style

# Offsets of a label's nearest edge from its point, in points; tried in this order. Nearest first.
_DISTANCES = (4, 10, 18, 28, 40, 54)
_ANGLES = np.deg2rad([0, 180, 90, 270, 45, 135, 315, 225, 22, 158, 338, 202])


def place(
    axes: Axes,
    x: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    size: float = 9,
    clear: float = 2.5,
    others: tuple[ArrayLike, ArrayLike] = ((), ()),
) -> int:
    """Write each name near its point where there is room; leave out those without.

    Labels are taken in the order given, so pass the most important first. A label never overlaps another
    label, a labelled point or the edge of the axes. Call last, when limits and other artists are final.

    Parameters
    ----------
    axes : Axes
        With data and limits set.
    x, y : array of float, equally long
        Points in data coordinates.
    names : sequence of str
        Label of each point, taken literally.
    size : float
        Font size in points.
    clear : float
        Room kept around each point, in points of type: at least the radius of its marker.
    others : (x, y), two arrays of equal length
        Points without a name that no label may cover either.

    Returns
    -------
    int
        How many names found no room.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()  # the layout must be known before extents are
    scale = figure.dpi / 72
    area = axes.get_window_extent(renderer)
    data = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    points = axes.transData.transform(data) if len(names) else data
    radius = clear * scale
    unnamed = np.column_stack([np.asarray(each, dtype=float) for each in others])
    seen = [*points, *(axes.transData.transform(unnamed) if len(unnamed) else unnamed)]
    taken = [Bbox.from_extents(px - radius, py - radius, px + radius, py + radius) for px, py in seen]
    left_out = 0
    for (px, py), at, name in zip(points, data, names, strict=True):
        text = axes.text(0, 0, style.literal(name), fontsize=size, transform=None, ha="left", va="bottom")
        extent = text.get_window_extent(renderer)
        text.remove()
        width, height = extent.width + 2 * scale, extent.height
        spot = _free_spot(px, py, width, height, scale, area, taken)
        if spot is None:
            left_out += 1
            continue
        box, distance = spot
        taken.append(box)
        centre = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
        axes.annotate(
            style.literal(name),
            xy=(at[0], at[1]),
            xytext=((centre[0] - px) / scale, (centre[1] - py) / scale),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=size,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.5},
            arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": style.GREY, "shrinkA": 0, "shrinkB": 2}
            if distance > _DISTANCES[0]
            else None,
        ).set_in_layout(False)
    return left_out


def _free_spot(px, py, width, height, scale, area, taken):
    """The first box of this size around a point that lies in `area` and meets none of `taken`, or None."""
    for distance in _DISTANCES:
        for angle in _ANGLES:
            dx, dy = np.cos(angle), np.sin(angle)
            cx = px + dx * (distance * scale + width / 2)
            cy = py + dy * (distance * scale + height / 2)
            box = Bbox.from_extents(cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
            inside = box.x0 >= area.x0 and box.x1 <= area.x1 and box.y0 >= area.y0 and box.y1 <= area.y1
            if inside and not box.count_overlaps(taken):
                return box, distance
    return None
