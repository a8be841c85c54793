"""Makes the certificates beside this file, for tests of TLS (`pip install cryptography`).

They are kept, not made by the tests, so that their dates are known: an assertion names them. The key is of no
use to anybody: no authority that anybody trusts has signed for it.
"""

import datetime
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HERE = pathlib.Path(__file__).parent
LONG_AGO, ONCE, MUCH_LATER, FOR_EVER = (datetime.datetime(year, 3, 4, 5, 6) for year in (2020, 2021, 2120, 2126))
LOCAL = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]


def certificate(name, subject, *, names, is_ca, start=LONG_AGO, end=FOR_EVER, issuer=None):
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
    by = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer or subject)])
    made = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(by)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    pem = made.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (HERE / f"{name}.pem").write_bytes(pem)


KEY = ec.generate_private_key(ec.SECP256R1())
(HERE / "key.pem").write_bytes(
    KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
)
CA = "A test authority"
certificate("ca", CA, names=[], is_ca=True)
certificate("server", "server", names=LOCAL, is_ca=False, issuer=CA)
certificate("ended", "server", names=LOCAL, is_ca=False, end=ONCE, issuer=CA)
certificate("not_yet", "server", names=LOCAL, is_ca=False, start=MUCH_LATER, issuer=CA)
other = [x509.DNSName("other.example"), x509.DNSName("www.other.example")]
certificate("other_host", "server", names=other, is_ca=False, issuer=CA)
certificate("nameless", "localhost", names=[], is_ca=False, issuer=CA)
certificate("own_authority", "own", names=LOCAL, is_ca=True)
certificate("self_signed", "self", names=LOCAL, is_ca=False)
