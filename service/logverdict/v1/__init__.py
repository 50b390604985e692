"""The protocol, generated from proto/: do not edit."""

from logverdict.v1 import event_pb2 as event_pb2
from logverdict.v1 import feedback_pb2 as feedback_pb2
from logverdict.v1 import feedback_service_pb2 as feedback_service_pb2
from logverdict.v1 import history_service_pb2 as history_service_pb2
from logverdict.v1 import outcome_pb2 as outcome_pb2
from logverdict.v1 import policy_pb2 as policy_pb2
from logverdict.v1 import profile_pb2 as profile_pb2
from logverdict.v1 import profile_service_pb2 as profile_service_pb2
from logverdict.v1 import recording_service_pb2 as recording_service_pb2
from logverdict.v1 import verification_service_pb2 as verification_service_pb2
from logverdict.v1 import verification_service_pb2_grpc as verification_service_pb2_grpc
