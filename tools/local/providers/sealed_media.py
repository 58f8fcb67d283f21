"""Encrypt and decrypt a recording as Twilio and its customer do.

A content encryption key (CEK) encrypts the audio by AES-256-GCM, and the customer's public key
encrypts the CEK by RSAES-OAEP-SHA256-MGF1. Twilio's guide describes both:
https://www.twilio.com/docs/voice/tutorials/voice-recording-encryption.
"""

import base64
import secrets
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SID = "CR00000000000000000000000000000001"
"""Twilio's id of the customer's public key."""
OAEP = padding.OAEP(mgf=padding.MGF1(algorithm=hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


def make_key() -> rsa.RSAPrivateKey:
    """Return a private key of the customer's."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def seal(audio: bytes, key: rsa.RSAPublicKey) -> tuple[bytes, dict[str, str]]:
    """Return the ciphertext of audio, and the value of `encryption_details`."""
    cek, iv = AESGCM.generate_key(bit_length=256), secrets.token_bytes(12)
    details = {
        "encryption_public_key_sid": KEY_SID,
        "encryption_cek": base64.b64encode(key.encrypt(cek, OAEP)).decode(),
        "encryption_iv": base64.b64encode(iv).decode(),
    }
    return AESGCM(cek).encrypt(iv, audio, None), details


def unseal(ciphertext: bytes, details: Mapping[str, str], key: rsa.RSAPrivateKey) -> bytes:
    """Return the audio; raises InvalidTag if a byte or the details have changed."""
    cek = key.decrypt(base64.b64decode(details["encryption_cek"]), OAEP)
    return AESGCM(cek).decrypt(base64.b64decode(details["encryption_iv"]), ciphertext, None)
