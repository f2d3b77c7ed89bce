"""A time budget for one call: what is done by then counts, the rest is cut off."""

import asyncio
from collections.abc import Coroutine, Iterable


async def run_within(budget_seconds: float, works: Iterable[Coroutine[None, None, None]]) -> None:
    """Run all works side by side; those that are not done when the budget is over (the loop's clock) are cancelled.

    What a work raises, a TimeoutError of its own too, ends the others and reaches the caller.
    A file that is being read in a thread cannot be cut off: its end is waited for, its answer dropped.
    """
    clock = asyncio.timeout(budget_seconds)
    tasks = [asyncio.create_task(work) for work in works]
    try:
        async with clock:
            await asyncio.gather(*tasks)
    except TimeoutError:
        if not clock.expired():
            raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
