"""What does nearly every run need before it can begin? Importing this module loads it; the fork server does so once.

Nothing here may start a thread or open a file, socket or database: a forked process would share it.
"""

import gc

import prefect.engine
import prefect.flow_engine  # noqa: F401
import scipy.stats  # noqa: F401 - half the time of a survey's analysis, where it is loaded when needed
from sqlalchemy.orm import configure_mappers

import deployments.catalogue  # noqa: F401 - every flow, and with them every table
from models.catalogue_files import load_catalogue
from models.checklist_files import load_checklists, load_condition_tables
from reports.glyphs import drawable

configure_mappers()
load_catalogue()
load_checklists()
load_condition_tables()
drawable()
# What is loaded by now lives as long as the process: no collection of a run need look at it.
gc.collect()
gc.freeze()
